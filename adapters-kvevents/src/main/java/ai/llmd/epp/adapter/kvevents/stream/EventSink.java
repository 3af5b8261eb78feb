package ai.llmd.epp.adapter.kvevents.stream;

/** Takes what publishers tell. Called by the subscriber's thread alone. */
public interface EventSink {

  /** What became of a message. */
  enum Applied {
    /** All of it counts. */
    WHOLE,
    /** All of it counts, and it says that the endpoint's cache was emptied. */
    CLEARED,
    /** Part of it could not be read or kept. */
    IN_PART
  }

  /** Whether there is an endpoint of that address and port, or was until it is forgotten. */
  boolean knows(String endpoint);

  /**
   * Takes a message.
   *
   * @param endpoint address and port that the publisher serves requests at
   * @param model empty when the topic names none
   */
  Applied message(String endpoint, String model, byte[] payload);

  /** Forgets what an endpoint holds: it began again, or what it holds is no longer known. */
  void clear(String endpoint);

  /** Forgets an endpoint that is gone. */
  void forget(String endpoint);
}
