package ai.llmd.epp.application.burst;

import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.prefix.BlockHasher;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/**
 * Brings requests of a burst together: those that arrive within a short window and have the same
 * prompt, or begin alike, are to go to the same endpoint, which then computes the prompt once. That
 * endpoint matches a request's prompt in whole, every other one not at all.
 *
 * <p>Each request waits until the window is over. Batches are each replica's own.
 */
public final class BurstPrefixCacheProducer implements Producer {

  public static final PluginType<BurstParameters> TYPE =
      PluginType.withContext(
              "burst-prefix-cache-producer",
              BurstParameters.DEFAULT,
              (parameters, context) ->
                  new BurstPrefixCacheProducer(
                      context.name(), parameters, context.service(SharedState.class).hashSecret()))
          .alpha();

  private static final Duration GRACE = Duration.ofMillis(300);

  private final BurstParameters parameters;
  private final long secret;
  private final FactKey<PrefixMatches> matchesKey;
  private final BurstBatches batches;
  private final Duration budget;

  /**
   * @param name instance name, under which facts are put
   * @param secret keys the hashes of blocks
   */
  public BurstPrefixCacheProducer(String name, BurstParameters parameters, long secret) {
    this.parameters = parameters;
    this.secret = secret;
    this.matchesKey = PrefixMatches.key(name);
    this.batches = new BurstBatches(parameters);
    this.budget = Duration.ofMillis(parameters.windowDurationMs()).plus(GRACE);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(TokenizedPrompt.KEY);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(matchesKey);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    TokenizedPrompt prompt = cycle.facts().get(TokenizedPrompt.KEY);
    if (prompt == null) {
      return Produced.NOW;
    }
    PrefixBlocks blocks =
        BlockHasher.hash(
            prompt,
            cycle.request().targetModel(),
            parameters.blockSizeTokens(),
            parameters.maxBlocks(),
            secret);
    if (blocks.totalBlocks() == 0) {
      return Produced.NOW; // nothing to share
    }
    int slots = cycle.candidates().slotCount();
    BurstEntry entry = new BurstEntry(blocks, cycle.candidates());
    batches.join(entry);
    return new Produced.Later(() -> facts(entry, slots), budget);
  }

  private Facts facts(BurstEntry entry, int slots) throws InterruptedException {
    int assigned;
    try {
      assigned = entry.assigned().get();
    } catch (ExecutionException e) {
      throw new WithoutResultException("could not divide a burst: " + e.getCause());
    }
    int[] matched = new int[slots];
    if (assigned >= 0 && assigned < slots) {
      matched[assigned] = entry.blocks().totalBlocks();
    }
    Facts facts = new Facts();
    facts.put(
        matchesKey,
        PrefixMatches.uniform(matched, entry.blocks().totalBlocks(), parameters.blockSizeTokens()));
    return facts;
  }
}
