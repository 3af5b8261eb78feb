package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.ReceivedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the session of an agent in the headers that agents send. A request that names no fairness
 * id queues under its agent's session.
 *
 * <p>The first header of the list that is not empty counts: those configured, in their order, then
 * {@code x-claude-code-session-id}, {@code x-session-affinity}, {@code session-id} and {@code
 * session_id}.
 */
public final class AgentIdentity implements RequestIdentifier {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("agent-identity", new Parameters(List.of()), AgentIdentity::new).alpha();

  private static final List<String> WELL_KNOWN_HEADERS =
      List.of("x-claude-code-session-id", "x-session-affinity", "session-id", "session_id");

  /**
   * Where a session is looked for.
   *
   * @param additionalSessionHeaders headers to look at before the well-known ones, in any case
   */
  public record Parameters(List<String> additionalSessionHeaders) {

    public Parameters {
      additionalSessionHeaders = List.copyOf(additionalSessionHeaders);
    }
  }

  private final String[] headers;

  public AgentIdentity(Parameters parameters) {
    List<String> names = new ArrayList<>();
    for (String header : parameters.additionalSessionHeaders()) {
      names.add(header.toLowerCase(Locale.ROOT));
    }
    names.addAll(WELL_KNOWN_HEADERS);
    this.headers = names.toArray(String[]::new);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(RequestAttribute.AGENT_IDENTITY);
  }

  @Override
  public void identify(ReceivedRequest request, Facts facts) {
    for (String header : headers) {
      String session = request.headers().value(header);
      if (session != null && !session.isEmpty()) {
        facts.put(RequestAttribute.AGENT_IDENTITY, session);
        return;
      }
    }
  }
}
