"""What every floor stands on: the one error people read, and the one door of a state machine."""
