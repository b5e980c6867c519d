# Everything is done by bin/mentoring; `make help` lists it.
.PHONY: help demo demo-reset test check bench chaos messages lock pin
help demo demo-reset test check bench chaos messages lock pin:
	@exec bin/mentoring $@ $(ARGS)
