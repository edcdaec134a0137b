"""The home as a whole: who may read it, its key, and the settings that its results depend on."""
