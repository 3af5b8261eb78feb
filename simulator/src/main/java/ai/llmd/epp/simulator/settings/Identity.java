package ai.llmd.epp.simulator.settings;

/**
 * The names of a server, in the headers of every answer.
 *
 * @param pod {@code x-inference-pod}
 * @param namespace {@code x-inference-namespace}
 */
public record Identity(String pod, String namespace) {}
