"""`tierhouse doctor`: checks of installation, settings, home, sources and operation before something fails."""
