"""Dated catalogues: which codes hold on which day and where, what is checked, and under which article."""
