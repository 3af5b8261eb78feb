package ai.llmd.epp.adapter.metrics.planted;

/** Something for others to know wrongly. */
public final class AnAdapter {}
