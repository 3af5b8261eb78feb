package ai.llmd.epp.application.port.out;

/**
 * How well one kind of object is known.
 *
 * @param kind plural name
 * @param isUpToDate the API server answers and sends changes
 * @param syncAgeSeconds for how long changes may have been missed; 0 while it is up to date
 * @param lastEventAgeSeconds since something changed, or was listed anew
 * @param events since the start
 */
public record WatchStatus(
    String kind,
    boolean isUpToDate,
    double syncAgeSeconds,
    double lastEventAgeSeconds,
    long events) {}
