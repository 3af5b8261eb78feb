package ai.llmd.epp.domain.flow.fairness;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.AttainedService;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowSelector;
import ai.llmd.epp.domain.flow.FlowTicket;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.ObjDoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Least attained service: the programs (the fairness ids) that were served least are first, and
 * those whose first request has waited longest.
 *
 * <p>Service is prompt tokens and twice the completion tokens of responses that have ended; it
 * loses half of its weight in each half-life. The flow with the highest {@code lasWeightService *
 * (1 - norm(service)) + lasWeightHeadWait * norm(wait of its first request)} is next, where {@code
 * norm} spreads the flows of the band over [0, 1], and is 0.5 when they do not differ. Waits count
 * in whole milliseconds of the clock. Finding the next flow takes O(log n), and O(log² n) when its
 * first request is another one. Up to 100,000 programs are known. Replicas that share a state store
 * count what all of them have served; each lets the others know of the 1000 programs that it has
 * served last.
 */
public final class ProgramAwareFairness implements FairnessPolicy, PreRequest, AttainedService {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
          "program-aware-fairness",
          new Parameters(Strategy.LAS, 0.8, 0.2, 60, 3600, 300),
          (parameters, context) ->
              new ProgramAwareFairness(parameters, context.service(LongSupplier.class)));

  private static final int MAX_PROGRAMS = 100_000;
  private static final double SECOND = 1e9;
  private static final double MILLI = 1e6;
  private static final int WEIGHT_OF_COMPLETION = 2;

  /**
   * How service and waiting count.
   *
   * @param strategy how programs are compared
   * @param lasWeightService weight of little service, 0 or more
   * @param lasWeightHeadWait weight of a long wait, 0 or more
   * @param lasHalfLifeSeconds time in which service loses half of its weight; 0 for never
   * @param evictionTtlSeconds time without a request after which a program is forgotten; 0 for
   *     never
   * @param evictionSweepSeconds how often programs are looked through for that, above 0
   */
  public record Parameters(
      Strategy strategy,
      double lasWeightService,
      double lasWeightHeadWait,
      double lasHalfLifeSeconds,
      double evictionTtlSeconds,
      double evictionSweepSeconds) {

    public Parameters {
      requireNotNegative("lasWeightService", lasWeightService);
      requireNotNegative("lasWeightHeadWait", lasWeightHeadWait);
      requireNotNegative("lasHalfLifeSeconds", lasHalfLifeSeconds);
      requireNotNegative("evictionTtlSeconds", evictionTtlSeconds);
      if (!(evictionSweepSeconds > 0)) {
        throw new IllegalArgumentException(
            "evictionSweepSeconds must be above 0, was " + evictionSweepSeconds);
      }
    }

    private static void requireNotNegative(String field, double value) {
      if (!(value >= 0)) {
        throw new IllegalArgumentException(field + " must be 0 or more, was " + value);
      }
    }
  }

  /** How programs are compared. */
  public enum Strategy {
    /** Least attained service. */
    LAS;

    @Override
    public String toString() {
      return "las";
    }
  }

  /**
   * What is known of a program now.
   *
   * @param waits requests that had their turn by this policy
   * @param meanWaitMillis how long they waited for it
   * @param service attained service in tokens, in this replica
   */
  public record Figures(
      String program, long inFlight, long waits, double meanWaitMillis, double service) {}

  private final Parameters parameters;
  private final LongSupplier nanoClock;
  private final long startedAt;
  private final Map<String, Program> programs = new ConcurrentHashMap<>();
  private final List<WeakReference<LeastServed>> selectors = new CopyOnWriteArrayList<>();
  private final AtomicLong nextSweepAt;
  private final ServedLately lately = new ServedLately();

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  public ProgramAwareFairness(Parameters parameters, LongSupplier nanoClock) {
    this.parameters = parameters;
    this.nanoClock = nanoClock;
    this.startedAt = nanoClock.getAsLong();
    this.nextSweepAt = new AtomicLong(sweepNanos());
  }

  private long sweepNanos() {
    return (long) (parameters.evictionSweepSeconds() * SECOND);
  }

  private long now() {
    return nanoClock.getAsLong() - startedAt;
  }

  private double halfLifeNanos() {
    return parameters.lasHalfLifeSeconds() * SECOND;
  }

  @Override
  public FlowSelector selector(OrderingPolicy ordering) {
    var selector = new LeastServed(this);
    selectors.removeIf(reference -> reference.get() == null);
    selectors.add(new WeakReference<>(selector));
    return selector;
  }

  double weightOfService() {
    return parameters.lasWeightService();
  }

  double weightOfWait() {
    return parameters.lasWeightHeadWait();
  }

  /** See {@link Program#logService}. */
  double logService(String program) {
    Program known = programs.get(program);
    return known == null ? Double.NEGATIVE_INFINITY : known.logService();
  }

  private @Nullable Program program(String id, long now) {
    Program known = programs.get(id);
    if (known != null || programs.size() >= MAX_PROGRAMS) {
      return known;
    }
    return programs.computeIfAbsent(id, ignored -> new Program(halfLifeNanos(), now));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // this very policy gave the turn
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    long now = now();
    sweepIfDue(now);
    String id = routed.request().fairnessId();
    Program program = program(id, now);
    if (program == null) {
      return null;
    }
    program.dispatched(now);
    FlowTicket ticket = routed.facts().get(FlowTicket.KEY);
    if (ticket != null && ticket.fairness() == this) {
      program.waited(ticket.waitedNanos() / MILLI);
    }
    return new Completion(id, program);
  }

  private final class Completion implements ResponseObserver {

    private final String id;
    private final Program program;

    Completion(String id, Program program) {
      this.id = id;
      this.program = program;
    }

    @Override
    public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
      double tokens =
          (double) summary.usage().promptTokens()
              + (double) WEIGHT_OF_COMPLETION * summary.usage().completionTokens();
      program.completed(tokens, now());
      lately.served(id);
      rankAgain(id);
      return Map.of();
    }
  }

  private void rankAgain(String id) {
    for (WeakReference<LeastServed> reference : selectors) {
      LeastServed selector = reference.get();
      if (selector != null) {
        selector.served(id);
      }
    }
  }

  @Override
  public void takeServed(ObjDoubleConsumer<String> sink) {
    pass(lately.takeChanged(programs.keySet()), sink);
  }

  @Override
  public void served(ObjDoubleConsumer<String> sink) {
    pass(lately.all(), sink);
  }

  private void pass(List<String> served, ObjDoubleConsumer<String> sink) {
    long now = now();
    List<String> forgotten = new ArrayList<>();
    for (String id : served) {
      Program known = programs.get(id);
      double tokens = known == null ? 0 : known.serviceHere(now);
      if (tokens < QueueLoad.FORGOTTEN_TOKENS) {
        forgotten.add(id); // the next list of all that leaves it out withdraws it
      } else {
        sink.accept(id, tokens);
      }
    }
    lately.forget(forgotten);
  }

  @Override
  public void servedElsewhere(long replica, String flow, double tokens) {
    long now = now();
    Program program = tokens > 0 ? program(flow, now) : programs.get(flow);
    if (program != null) {
      program.servedElsewhere(replica, tokens, now);
      rankAgain(flow);
    }
  }

  @Override
  public void replicaGone(long replica) {
    programs.keySet().forEach(id -> servedElsewhere(replica, id, 0));
  }

  private void sweepIfDue(long now) {
    long due = nextSweepAt.get();
    if (parameters.evictionTtlSeconds() == 0
        || now < due
        || !nextSweepAt.compareAndSet(due, now + sweepNanos())) {
      return;
    }
    long forgotten = now - (long) (parameters.evictionTtlSeconds() * SECOND);
    programs.values().removeIf(program -> program.isIdleSince(forgotten));
  }

  /** All programs that this replica has had a request of, as far as they are known. Any thread. */
  public List<Figures> programs() {
    long now = now();
    return programs.entrySet().stream()
        .filter(entry -> entry.getValue().wasHere())
        .map(entry -> entry.getValue().figures(entry.getKey(), now))
        .toList();
  }

  /**
   * Jain's index over the mean waits of the programs that have waited, {@code (sum x)^2 / (n * sum
   * x^2)}: 1 when all wait alike, {@code 1 / n} when one alone waits.
   */
  public static double fairnessIndex(List<Figures> programs) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (Figures program : programs) {
      if (program.waits() > 0) {
        count++;
        sum += program.meanWaitMillis();
        squares += program.meanWaitMillis() * program.meanWaitMillis();
      }
    }
    return count <= 1 || squares == 0 ? 1 : sum * sum / (count * squares);
  }
}
