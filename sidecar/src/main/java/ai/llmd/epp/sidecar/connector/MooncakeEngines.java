package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.trace.TraceHeaders;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.LegStage;
import ai.llmd.epp.sidecar.upstream.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The engines of prefill servers, as their bootstrap ports tell them; asked once each. Any thread.
 */
final class MooncakeEngines {

  private static final int MAX_KNOWN = 1024; // servers; of more, the least used are asked again
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final Legs legs;
  private final int bootstrapPort;
  private final Map<String, List<Engine>> known = // guarded by itself
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<Engine>> eldest) {
          return size() > MAX_KNOWN;
        }
      };

  /** One data-parallel rank. */
  record Engine(String rank, String id) {}

  MooncakeEngines(Legs legs, int bootstrapPort) {
    this.legs = legs;
    this.bootstrapPort = bootstrapPort;
  }

  /** Where a prefill server tells its engines; always without TLS. */
  Target bootstrapOf(Target prefiller) {
    return new Target(prefiller.host(), bootstrapPort, LegStage.BOOTSTRAP, null);
  }

  /** At least one. */
  List<Engine> of(Call call, Target prefiller, LocalPrefill.Budget budget)
      throws CallFailure, LegFailure, InterruptedException {
    List<Engine> engines = known(prefiller);
    if (engines == null) {
      engines = asked(call, bootstrapOf(prefiller), budget);
      synchronized (known) {
        known.put(prefiller.authority(), engines);
      }
    }
    return engines;
  }

  private @Nullable List<Engine> known(Target prefiller) {
    synchronized (known) {
      return known.get(prefiller.authority());
    }
  }

  private List<Engine> asked(Call call, Target bootstrap, LocalPrefill.Budget budget)
      throws CallFailure, LegFailure, InterruptedException {
    LegRequest request = Legs.get("/query", bootstrap.authority());
    TraceHeaders.handOn(call.headers(), request.head().headers());
    call.trace().handOn(request.head().headers());
    try {
      Answer answer = budget.await(legs.ask(call.exchange(), bootstrap, request), LONGEST_WAIT);
      if (!answer.isSuccess()) {
        throw failure("bootstrap endpoint returned status " + answer.status());
      }
      return engines(JsonObject.parse(answer.body()));
    } catch (LegFailure failure) {
      failure.throwIfCancelled();
      throw failure("failed to query bootstrap endpoint: " + failure.getMessage());
    } catch (InvalidJsonException e) {
      throw failure("failed to parse bootstrap response: " + e.getMessage());
    }
  }

  private static List<Engine> engines(JsonObject ranks) throws CallFailure {
    List<Engine> engines = new ArrayList<>();
    for (String rank : ranks.names()) {
      JsonObject engine = ranks.object(rank);
      String id = engine == null ? null : engine.text("engine_id");
      boolean isHeaderValue = rank.chars().allMatch(c -> c > ' ' && c < 0x7F);
      if (id != null && isHeaderValue) {
        engines.add(new Engine(rank, id));
      }
    }
    if (engines.isEmpty()) {
      throw failure("engine_id not found in bootstrap response");
    }
    return List.copyOf(engines);
  }

  private static CallFailure failure(String message) {
    return new CallFailure(ErrorAnswer.badGateway(message));
  }
}
