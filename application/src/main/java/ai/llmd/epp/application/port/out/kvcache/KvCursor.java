package ai.llmd.epp.application.port.out.kvcache;

/**
 * Where in a publisher's stream a state of its cache was taken.
 *
 * @param number of the last message that is in it, 0 or more
 * @param fingerprint of that message: a publisher that began again has another one of the number
 * @param isComplete whether everything is in it that was published before
 */
public record KvCursor(long number, long fingerprint, boolean isComplete) {}
