"""What phones call: keys, enrolment, change-sets, the feed, files."""
