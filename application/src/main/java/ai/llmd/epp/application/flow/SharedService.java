package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.AttainedService;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Passes on to other replicas what the fairness policies count of each flow, and to the policies
 * what other replicas have counted. A policy of several bands counts for all of them at once: it is
 * known by the highest of these. Stateless.
 */
final class SharedService {

  private SharedService() {}

  private interface Counting {
    void accept(int band, AttainedService policy);
  }

  /** Whether any band's policy counts what flows were served. */
  static boolean isCounted(FlowSettings settings, int[] priorities) {
    for (int priority : priorities) {
      if (settings.band(priority).fairness().plugin() instanceof AttainedService) {
        return true;
      }
    }
    return false;
  }

  private static void forEach(PublishedRules current, Counting action) {
    int[] priorities = current.priorities();
    for (int i = 0; i < priorities.length; i++) {
      if (policy(current, i) instanceof AttainedService counting && isHighest(current, i)) {
        action.accept(priorities[i], counting);
      }
    }
  }

  private static FairnessPolicy policy(PublishedRules current, int place) {
    return current.rules().settings().band(current.priorities()[place]).fairness().plugin();
  }

  @SuppressWarnings("ReferenceEquality") // this very policy
  private static boolean isHighest(PublishedRules current, int place) {
    for (int i = 0; i < place; i++) {
      if (policy(current, i) == policy(current, place)) {
        return false;
      }
    }
    return true;
  }

  /** The flows that were served since the last call. */
  static void takeChanged(PublishedRules current, BiConsumer<QueueKey, QueueLoad> sink) {
    forEach(
        current,
        (band, policy) ->
            policy.takeServed(
                (flow, tokens) -> sink.accept(new QueueKey(band, flow), QueueLoad.served(tokens))));
  }

  /** The flows that were served lately. */
  static void all(PublishedRules current, BiConsumer<QueueKey, QueueLoad> sink) {
    forEach(
        current,
        (band, policy) ->
            policy.served(
                (flow, tokens) -> sink.accept(new QueueKey(band, flow), QueueLoad.served(tokens))));
  }

  /**
   * What a peer has served. What it withdraws goes first: under another band it may be new in the
   * same news, when its policy has got a higher one.
   */
  static void elsewhere(FlowRules rules, long peer, Map<QueueKey, QueueLoad> loads) {
    loads.forEach(
        (key, load) -> {
          if (load.servedTokens() == 0) {
            put(rules, peer, key, load);
          }
        });
    loads.forEach(
        (key, load) -> {
          if (load.servedTokens() > 0) {
            put(rules, peer, key, load);
          }
        });
  }

  private static void put(FlowRules rules, long peer, QueueKey key, QueueLoad load) {
    if (!key.isBand()
        && rules.settings().band(key.priority()).fairness().plugin()
            instanceof AttainedService counting) {
      counting.servedElsewhere(peer, key.flow(), load.servedTokens());
    }
  }

  /** A peer is gone. */
  static void gone(PublishedRules current, long peer) {
    forEach(current, (band, policy) -> policy.replicaGone(peer));
  }
}
