"""The Bayes ceiling: the best prediction of dormancy that the observable data allow."""
