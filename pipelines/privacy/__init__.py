"""What the law asks for a person: what is held about the person, in all files of the home."""
