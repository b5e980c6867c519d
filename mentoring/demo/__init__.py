"""An invented company in the middle of its programme, made by the same actions that people use."""
