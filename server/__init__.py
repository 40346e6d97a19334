"""The shell: everything that meets a clock, a disk, a network or a person."""
