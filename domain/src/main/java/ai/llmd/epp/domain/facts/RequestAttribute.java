package ai.llmd.epp.domain.facts;

/**
 * Names of texts that are found out about a request, such as its session. Data key {@code
 * <attribute>/<producer>}.
 */
public final class RequestAttribute {

  /** Whose turn it is when the client did not say: the session of an agent. */
  public static final FactKey<String> AGENT_IDENTITY = key("agent-identity", "");

  /** The session, as the default producer found it. */
  public static final FactKey<String> SESSION_ID = key("SessionIDDataKey", "session-id-producer");

  private RequestAttribute() {}

  /**
   * The key of a text that a producer found in the request.
   *
   * @param producer instance name; may be empty
   */
  public static FactKey<String> key(String attribute, String producer) {
    return new FactKey<>(attribute, producer, String.class);
  }
}
