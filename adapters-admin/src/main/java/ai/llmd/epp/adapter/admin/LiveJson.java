package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.application.ProfileRecord;
import ai.llmd.epp.application.port.out.ReplicaPeer;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the live page reads, as JSON. Times are in milliseconds; what is not known is null. */
final class LiveJson {

  /** Endpoints of a pool; of a larger one those that want attention most. */
  static final int MAX_MEMBERS = 200;

  private static final int MAX_ADAPTERS = 16;

  /** Characters of what a client chose; a frame of decisions waits for each watcher. */
  static final int MAX_TEXT = 256;

  private static final double NANOS_PER_MILLI = 1e6;

  private LiveJson() {}

  /**
   * A pool.
   *
   * @param picks how often each endpoint was picked since the last time
   */
  static String pool(LiveView.Pool pool, Map<EndpointId, Integer> picks) {
    List<LiveView.Member> shown = shown(pool.members());
    JsonWriter json = new JsonWriter();
    json.beginObject()
        .member("name", pool.name())
        .member("size", pool.members().size())
        .member("staleAfter", millis(pool.staleAfterNanos()));
    json.name("health").beginObject();
    for (var state : EndpointHealth.State.values()) {
      json.member(
          state.name().toLowerCase(Locale.ROOT),
          pool.members().stream().filter(one -> one.health() == state).count());
    }
    json.endObject().name("endpoints").beginArray();
    for (LiveView.Member member : shown) {
      member(json, member, pool.nowNanos(), picks.getOrDefault(member.endpoint().id(), 0));
    }
    return json.endArray().endObject().toString();
  }

  /** Unhealthy ones first, then those with the longest queues, when not all can be shown. */
  private static List<LiveView.Member> shown(List<LiveView.Member> members) {
    if (members.size() <= MAX_MEMBERS) {
      return members;
    }
    return members.stream()
        .sorted(
            Comparator.comparing(LiveView.Member::health)
                .thenComparingInt(one -> one.load().waitingRequests())
                .reversed())
        .limit(MAX_MEMBERS)
        .toList();
  }

  private static void member(JsonWriter json, LiveView.Member member, long nowNanos, int picks) {
    EndpointLoad load = member.load();
    EndpointLoad.Reported known = load.reported();
    EndpointLoad.ReadTimes readAt = load.readAt();
    json.beginObject()
        .member("id", member.endpoint().id().toString())
        .member("address", member.endpoint().hostPort())
        .member("health", member.health().name().toLowerCase(Locale.ROOT))
        .member("isStarting", member.isStarting());
    number(json, "waiting", known.waitingRequests(), load.waitingRequests());
    number(json, "running", known.runningRequests(), load.runningRequests());
    number(json, "kv", known.kvCacheUtilization(), load.kvCacheUtilization());
    age(json, "waitingAge", readAt.waitingRequests(), nowNanos);
    age(json, "runningAge", readAt.runningRequests(), nowNanos);
    age(json, "kvAge", readAt.kvCacheUtilization(), nowNanos);
    number(json, "age", load.isSampled(), millis(nowNanos - load.sampledAtNanos()));
    json.member("blockTokens", load.cacheBlockTokens())
        .member("blocks", load.cacheBlocks())
        .member("cached", member.cachedBlocks())
        .member("inFlight", member.inFlight())
        .member("inFlightElsewhere", member.inFlightElsewhere())
        .member("picks", picks);
    json.name("adapters").beginArray();
    load.activeAdapters().stream().sorted().limit(MAX_ADAPTERS).forEach(json::value);
    json.endArray().endObject();
  }

  private static void age(JsonWriter json, String name, long readAtNanos, long nowNanos) {
    boolean isKnown = readAtNanos != EndpointLoad.ReadTimes.NEVER;
    number(json, name, isKnown, isKnown ? millis(nowNanos - readAtNanos) : 0);
  }

  private static void number(JsonWriter json, String name, boolean isKnown, double value) {
    json.member(name, isKnown ? value : Double.NaN);
  }

  private static double millis(long nanos) {
    return Math.round(Math.max(0, nanos) / NANOS_PER_MILLI * 10) / 10.0;
  }

  /** The program, its store and its configuration. */
  static String status(LiveView.Status status) {
    JsonWriter json = new JsonWriter();
    json.beginObject()
        .member("version", status.version())
        .member("commit", status.commit())
        .member("startedAt", status.startedAtMillis())
        .member("notReadyBecause", status.notReadyBecause())
        .member("waitingRequests", status.waitingRequests())
        .member("bufferedBytes", status.bufferedBytes())
        .member("prefixBlocks", status.state().prefixBlocks())
        .member("prefixBytes", status.state().prefixBytes())
        .member("sessions", status.state().sessions());
    json.name("store");
    if (status.store() == null) {
      json.value((String) null);
    } else {
      store(json, status.store());
    }
    json.name("configuration");
    configuration(json, status.configuration());
    return json.endObject().toString();
  }

  private static void store(JsonWriter json, LiveView.Store store) {
    json.beginObject()
        .member("type", store.type())
        .member("replica", replica(store.replica()))
        .member("state", store.status().state().name().toLowerCase(Locale.ROOT))
        .member("since", store.status().sinceMillis())
        .member("detail", store.status().detail())
        .member("isWarm", store.figures().isWarm())
        .member("backlogBytes", store.figures().backlogBytes())
        .member("droppedBatches", store.figures().droppedBatches())
        .member("lostBatches", store.figures().lostBatches())
        .member("appliedEntries", store.figures().appliedEntries());
    json.name("peers").beginArray();
    for (ReplicaPeer peer : store.peers()) {
      json.beginObject()
          .member("replica", replica(peer.id()))
          .member("silent", millis(peer.silentNanos()))
          .member("isReady", peer.isReady());
      json.name("inFlight").beginObject();
      peer.inFlight().entrySet().stream()
          .limit(MAX_MEMBERS)
          .forEach(entry -> json.member(entry.getKey().toString(), entry.getValue()));
      json.endObject().endObject();
    }
    json.endArray().endObject();
  }

  /** As people read it aloud. */
  private static String replica(long id) {
    return "%016x".formatted(id).substring(0, 8);
  }

  private static void configuration(JsonWriter json, LiveView.Configuration configuration) {
    json.beginObject()
        .member("file", configuration.file())
        .member("plugins", configuration.plugins());
    json.name("profiles").beginArray();
    for (LiveView.Profile profile : configuration.profiles()) {
      json.beginObject().member("name", profile.name()).member("picker", profile.picker());
      texts(json.name("filters"), profile.filters());
      texts(json.name("scorers"), profile.scorers().stream().map(LiveJson::weighted).toList());
      json.endObject();
    }
    texts(json.endArray().name("warnings"), configuration.warnings());
    json.name("changes").beginArray();
    for (LiveView.Change change : configuration.changes()) {
      json.beginObject()
          .member("at", change.atMillis())
          .member("isApplied", change.isApplied())
          .member("detail", change.detail())
          .endObject();
    }
    json.endArray().endObject();
  }

  private static String weighted(LiveView.Scorer scorer) {
    return scorer.name() + " ×" + DecisionText.number(scorer.weight());
  }

  private static void texts(JsonWriter json, List<String> texts) {
    json.beginArray();
    texts.forEach(json::value);
    json.endArray();
  }

  /**
   * A decision as one line of a list; of long names the beginning.
   *
   * @param sequence its number since the start
   */
  static void decision(JsonWriter json, DecisionRecord decision, long sequence) {
    json.beginObject()
        .member("n", sequence)
        .member("id", beginning(decision.labels().requestId()))
        .member("at", decision.decidedAtMillis())
        .member("model", beginning(decision.labels().incomingModel()))
        .member("target", beginning(decision.labels().targetModel()))
        .member("fairness", beginning(decision.labels().fairnessId()))
        .member("priority", decision.labels().priority())
        .member("candidates", decision.candidates())
        .member("micros", Math.round(decision.totalNanos() / 100.0) / 10.0)
        .member("isDegraded", DecisionFilter.isDegraded(decision))
        .member("total", pickedTotal(decision));
    DecisionRecord.Refusal refusal = decision.refusal();
    json.member(
            "refusal", refusal == null ? null : refusal.reason().name().toLowerCase(Locale.ROOT))
        .member(
            "endpoint",
            decision.endpoints().isEmpty()
                ? null
                : decision.endpoints().getFirst().id().toString());
    json.endObject();
  }

  private static String beginning(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }

  /** The weighted sum of what was picked by the primary profile; NaN without one. */
  private static double pickedTotal(DecisionRecord decision) {
    for (ProfileRecord profile : decision.profiles()) {
      boolean isSummed =
          profile.profile().equals(decision.primaryProfile()) && profile.totals().length > 0;
      for (int row = 0; isSummed && row < profile.rows().size(); row++) {
        if (profile.isPicked(profile.rows().get(row))) {
          return profile.totals()[row];
        }
      }
    }
    return Double.NaN;
  }
}
