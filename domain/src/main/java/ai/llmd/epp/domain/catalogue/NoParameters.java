package ai.llmd.epp.domain.catalogue;

/** The parameters of a plugin that takes none; whatever is configured is ignored, as upstream. */
public record NoParameters() {}
