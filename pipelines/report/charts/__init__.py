"""The forms that the charts of the sections share. Each form returns a function that draws one language.

All positions are in pixels of `pipelines.report.draw.WIDTH`, so a phone shows a chart as it was drawn. Labels are text
marks beside their bars and lines: there is no legend to look up and no axis that the fonts of a reader can cut.
"""
