package ai.llmd.epp.domain.scheduling.session;

import java.util.List;
import java.util.Locale;

/**
 * How a session is recognised, and what it sticks to.
 *
 * @param strategy who remembers the session's endpoint
 * @param encodedEndpointHeaderConfig of strategy {@code encoded_endpoint_header}
 * @param sessionIdConfig of strategy {@code session_id}, only checked when that is chosen
 * @param profileName profile whose pick the session sticks to; empty means the primary one
 */
public record SessionParameters(
    Strategy strategy,
    EncodedEndpointHeaderConfig encodedEndpointHeaderConfig,
    SessionIdConfig sessionIdConfig,
    String profileName) {

  public static final SessionParameters DEFAULT =
      new SessionParameters(
          Strategy.ENCODED_ENDPOINT_HEADER,
          new EncodedEndpointHeaderConfig(EncodedEndpointHeaderConfig.DEFAULT_HEADER),
          new SessionIdConfig(
              SessionIdConfig.DEFAULT_SOURCES,
              SessionIdConfig.DEFAULT_TTL_SECONDS,
              SessionIdConfig.DEFAULT_SWEEP_SECONDS),
          "");

  public SessionParameters {
    if (strategy == Strategy.SESSION_ID) {
      sessionIdConfig.check();
    }
  }

  /** Who remembers the session's endpoint. */
  public enum Strategy {
    /** The client: it sends back a header that a response brought it. */
    ENCODED_ENDPOINT_HEADER("encoded_endpoint_header"),
    /** The picker: it keeps a table of session ids. */
    SESSION_ID("session_id");

    private final String label;

    Strategy(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * The header that client and picker hand each other.
   *
   * @param header name, in any case; blank means {@value #DEFAULT_HEADER}
   */
  public record EncodedEndpointHeaderConfig(String header) {

    static final String DEFAULT_HEADER = "x-session-token";

    public EncodedEndpointHeaderConfig {
      header = header.isBlank() ? DEFAULT_HEADER : lowerCase(header);
    }

    /** Here, and not in the outer record, whose own defaults are made of all these. */
    private static String lowerCase(String header) {
      return header.strip().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The table of sessions.
   *
   * @param sources where the session's id is looked for, in this order; none means header {@code
   *     x-session-id}
   * @param evictionTtlSeconds after this time without use a session is forgotten; 0 means 300
   * @param evictionSweepSeconds how often unused sessions are forgotten; 0 means 10
   */
  public record SessionIdConfig(
      List<Source> sources, double evictionTtlSeconds, double evictionSweepSeconds) {

    static final List<Source> DEFAULT_SOURCES = List.of(new Source("x-session-id", "", ""));
    static final double DEFAULT_TTL_SECONDS = 300;
    static final double DEFAULT_SWEEP_SECONDS = 10;

    public SessionIdConfig {
      sources = sources.isEmpty() ? DEFAULT_SOURCES : List.copyOf(sources);
      evictionTtlSeconds = evictionTtlSeconds == 0 ? DEFAULT_TTL_SECONDS : evictionTtlSeconds;
      evictionSweepSeconds =
          evictionSweepSeconds == 0 ? DEFAULT_SWEEP_SECONDS : evictionSweepSeconds;
    }

    private void check() {
      sources.forEach(Source::check);
      checkSeconds("sessionIdConfig.evictionTtlSeconds", evictionTtlSeconds);
      checkSeconds("sessionIdConfig.evictionSweepSeconds", evictionSweepSeconds);
    }

    private static void checkSeconds(String field, double seconds) {
      if (!(seconds >= 0)) { // also refuses NaN
        throw new IllegalArgumentException(field + " must be 0 or more, was " + seconds);
      }
    }
  }

  /**
   * A place where the session's id may be: a header, or what a producer found out about the
   * request.
   *
   * @param header name of a header, in any case; either this or {@code attribute} is given
   * @param attribute name of a request attribute
   * @param producer instance name of the attribute's producer; may be empty
   */
  public record Source(String header, String attribute, String producer) {

    public Source {
      header = EncodedEndpointHeaderConfig.lowerCase(header);
    }

    private void check() {
      if (header.isEmpty() == attribute.isEmpty()) {
        throw new IllegalArgumentException(
            "sessionIdConfig.sources must each have either a header or an attribute");
      }
    }
  }
}
