package ai.llmd.epp.sidecar.trace;

/**
 * What spans show of the connectors that are configured.
 *
 * @param kv as in {@code --kv-connector}
 * @param ec as in {@code --ec-connector}; empty without one
 * @param isConcurrent whether prompt and answer are computed at once
 * @param isParallel whether MoRI-IO does so
 * @param hasLongNames whether the spans of stages have the program's name before their own, as in
 *     the reference
 */
public record ConnectorNames(
    String kv, String ec, boolean isConcurrent, boolean isParallel, boolean hasLongNames) {}
