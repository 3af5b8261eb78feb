package ai.llmd.epp.adapter.kvevents;

/**
 * What a message is about: {@code kv@<endpoint>@<model>}.
 *
 * @param endpoint address and port, as the publisher knows itself
 * @param model empty when the topic names none
 */
public record KvTopic(String endpoint, String model) {

  private static final char SEPARATOR = '@';

  /**
   * Reads a topic. One that does not have exactly three parts is the name of an endpoint as a
   * whole; the first part may be anything.
   */
  public static KvTopic of(String topic) {
    int first = topic.indexOf(SEPARATOR);
    int second = topic.indexOf(SEPARATOR, first + 1);
    if (first < 0 || second < 0 || topic.indexOf(SEPARATOR, second + 1) >= 0) {
      return new KvTopic(topic, "");
    }
    return new KvTopic(topic.substring(first + 1, second), topic.substring(second + 1));
  }

  /**
   * Reads a topic of a publisher that is known by its connection: the model is everything behind
   * the second separator, and may contain one.
   */
  public static KvTopic from(String endpoint, String topic) {
    int first = topic.indexOf(SEPARATOR);
    int second = first < 0 ? -1 : topic.indexOf(SEPARATOR, first + 1);
    return new KvTopic(endpoint, second < 0 ? "" : topic.substring(second + 1));
  }
}
