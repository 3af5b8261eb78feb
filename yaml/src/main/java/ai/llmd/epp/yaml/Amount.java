package ai.llmd.epp.yaml;

/** A Kubernetes quantity of the document, rounded up to a whole number. */
public record Amount(long value) {}
