package ai.llmd.epp.simulator.settings;

/**
 * Who a server says it is, in the headers of every answer.
 *
 * @param pod {@code x-inference-pod}
 * @param namespace {@code x-inference-namespace}
 */
public record Identity(String pod, String namespace) {}
