# Everything is done by bin/mentoring; `make help` lists it.
.PHONY: help demo demo-reset test check bench chaos messages lock
help demo demo-reset test check bench chaos messages lock:
	@exec bin/mentoring $@ $(ARGS)
