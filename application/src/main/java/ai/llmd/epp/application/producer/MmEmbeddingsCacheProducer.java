package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.metrics.EndpointExtractor;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.List;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Estimates which of a request's images, videos and sounds each endpoint has in its encoder cache,
 * from what was routed there before.
 *
 * <p>Remembered as prefix blocks are, in an index of the same kind: an item counts as held from the
 * moment a request with it is sent to an endpoint until the endpoint's share is full of newer ones.
 * Looking does not make an item newer, sending does. Items are recorded by the {@link
 * PrefixRecorder}'s thread, behind its bounded queue.
 */
public final class MmEmbeddingsCacheProducer implements Producer, PreRequest, EndpointExtractor {

  private static final String TYPE_NAME = EncoderCacheMatches.DEFAULT_PRODUCER;
  private static final Modality[] MODALITIES = Modality.values();

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
              TYPE_NAME,
              new Parameters(0),
              (parameters, context) ->
                  new MmEmbeddingsCacheProducer(
                      context.name(),
                      parameters,
                      context.service(SharedState.class),
                      context.service(PrefixRecorder.class),
                      context.service(LocalChanges.class),
                      context.service(EncoderCacheObserver.class)))
          .producingByDefault(EncoderCacheMatches.key(TYPE_NAME).toString());

  /**
   * How much is remembered.
   *
   * @param cacheSizeInMBPerServer encoder cache of a model server, in MiB, of which an item takes
   *     two; 0 or less is 4096
   */
  public record Parameters(int cacheSizeInMBPerServer) {

    private static final int DEFAULT_MEBIBYTES = 4096;
    private static final int ITEM_MEBIBYTES = 2;

    public Parameters {
      cacheSizeInMBPerServer =
          cacheSizeInMBPerServer > 0 ? cacheSizeInMBPerServer : DEFAULT_MEBIBYTES;
    }

    int itemsPerServer() {
      return Math.max(1, cacheSizeInMBPerServer / ITEM_MEBIBYTES);
    }
  }

  private final int itemsPerServer;
  private final long hashSecret;
  private final RoutedBlocks routedBlocks;
  private final EncoderCacheObserver.Lookups lookups;
  private final FactKey<EncoderCacheMatches> matchesKey;
  private final FactKey<EncoderItems> itemsKey;

  /**
   * @param name instance name, under which facts are put and the index is kept
   */
  public MmEmbeddingsCacheProducer(
      String name,
      Parameters parameters,
      SharedState state,
      PrefixRecorder recorder,
      LocalChanges changes,
      EncoderCacheObserver observer) {
    this.itemsPerServer = parameters.itemsPerServer();
    this.hashSecret = state.hashSecret();
    this.routedBlocks = new RoutedBlocks(name, state, recorder, changes);
    this.lookups = observer.producing(name, TYPE_NAME);
    this.matchesKey = EncoderCacheMatches.key(name);
    this.itemsKey = new FactKey<>("EncoderItems", name, EncoderItems.class);
  }

  @Override
  public String type() {
    return TYPE_NAME;
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
    EncoderItems items = EncoderItems.of(prompt, hashSecret);
    if (items.isEmpty()) {
      return Produced.NOW;
    }
    Candidates candidates = cycle.candidates();
    int slotCount = Math.max(routedBlocks.members().slotCount(), candidates.slotCount());
    EncoderCacheMatches matches = items.matchedIn(routedBlocks.index(), slotCount);
    cycle.facts().put(itemsKey, items);
    cycle.facts().put(matchesKey, matches);
    count(matches, candidates);
    return Produced.NOW;
  }

  /** Every endpoint of the pool counts for what is held, candidates alone for how well it fits. */
  private void count(EncoderCacheMatches matches, Candidates candidates) {
    count(matches.items(), lookups::asked);
    for (int slot = 0; slot < matches.matchedBySlot().size(); slot++) {
      List<Item> held = matches.matched(slot);
      EndpointState member = held.isEmpty() ? null : routedBlocks.members().at(slot);
      if (member != null) {
        EndpointId id = member.endpoint().id();
        count(held, (modality, items) -> lookups.held(id, modality, items));
      }
    }
    for (int i = 0; i < candidates.size(); i++) {
      int matched = matches.matched(candidates.get(i).slot()).size();
      lookups.compared(matched, matches.items().size());
    }
  }

  private static void count(List<Item> items, ObjIntConsumer<Modality> counted) {
    for (Modality modality : MODALITIES) {
      int count = 0;
      for (int i = 0; i < items.size(); i++) {
        count += items.get(i).modality() == modality ? 1 : 0;
      }
      if (count > 0) {
        counted.accept(modality, count);
      }
    }
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    EncoderItems items = routed.facts().get(itemsKey);
    if (items != null) {
      PrefixBlocks blocks = items.blocks();
      Recording recorded = null;
      for (Candidate pick : routed.primary().picks()) {
        recorded = Recording.both(recorded, routedBlocks.record(pick, blocks, itemsPerServer));
      }
      return recorded;
    }
    return null;
  }

  @Override
  public void added(EndpointState endpoint) {
    routedBlocks.added(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    routedBlocks.removed(endpoint, released);
  }
}
