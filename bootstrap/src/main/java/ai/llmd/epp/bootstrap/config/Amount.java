package ai.llmd.epp.bootstrap.config;

/** A Kubernetes quantity of the document, rounded up to a whole number. */
record Amount(long value) {}
