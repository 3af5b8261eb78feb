package ai.llmd.epp.adapter.kvevents.stream;

/**
 * How publishers are listened to.
 *
 * @param topicFilter beginning of the topics that are received; others stay unseen
 * @param bindAddress where publishers connect to, e.g. {@code tcp://*:5557}; empty for nowhere
 */
public record SubscriberSettings(String topicFilter, String bindAddress) {

  /** Topics as the reference expects them. */
  public static final String DEFAULT_TOPIC_FILTER = "kv@";
}
