package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the session that a request belongs to, in a header or in a cookie. A request without one
 * has no session.
 */
public final class SessionIdProducer implements Producer {

  private static final String COOKIES = "cookie";

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              RequestAttribute.SESSION_ID.producer(),
              new Parameters("", ""),
              (parameters, context) -> new SessionIdProducer(context.name(), parameters))
          .producingByDefault(RequestAttribute.SESSION_ID.toString());

  /**
   * Where the session is found.
   *
   * @param headerName header whose value is the session, in any case; either this or a cookie must
   *     be given
   * @param cookieName cookie whose value is the session; upper and lower case differ
   */
  public record Parameters(String headerName, String cookieName) {

    public Parameters {
      headerName = headerName.strip().toLowerCase(Locale.ROOT);
      cookieName = cookieName.strip();
    }
  }

  private final FactKey<String> key;
  private final Parameters parameters;

  /**
   * @param name instance name, under which the fact is put
   * @throws IllegalArgumentException when both parameters are given, or none
   */
  public SessionIdProducer(String name, Parameters parameters) {
    // not in the record, whose defaults name nothing
    if (parameters.headerName().isEmpty() == parameters.cookieName().isEmpty()) {
      throw new IllegalArgumentException("exactly one of headerName and cookieName must be given");
    }
    this.key = RequestAttribute.key(RequestAttribute.SESSION_ID.dataType(), name);
    this.parameters = parameters;
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(key);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    RequestHeaders headers = cycle.request().headers();
    String session =
        parameters.headerName().isEmpty()
            ? cookie(headers.value(COOKIES), parameters.cookieName())
            : stripped(headers.value(parameters.headerName()));
    if (!session.isEmpty()) {
      cycle.facts().put(key, session);
    }
    return Produced.NOW;
  }

  private static String stripped(@Nullable String value) {
    return value == null ? "" : value.strip();
  }

  /** The value of the first cookie of this name; empty when there is none. */
  private static String cookie(@Nullable String cookies, String name) {
    int start = 0;
    while (cookies != null && start < cookies.length()) {
      int semicolon = cookies.indexOf(';', start);
      int end = semicolon < 0 ? cookies.length() : semicolon;
      String pair = cookies.substring(start, end).strip();
      if (pair.startsWith(name) && pair.startsWith("=", name.length())) {
        return pair.substring(name.length() + 1).strip();
      }
      start = end + 1;
    }
    return "";
  }
}
