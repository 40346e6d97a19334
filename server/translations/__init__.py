"""Words for people: English stands in the code, Chinese in one file for each room of the desk."""
