package ai.llmd.epp.simulator.http;

import ai.llmd.epp.simulator.engine.CacheObserver;
import ai.llmd.epp.simulator.engine.Engine;
import ai.llmd.epp.simulator.engine.LatencyModel;
import ai.llmd.epp.simulator.kvevents.KvEvents;
import ai.llmd.epp.simulator.metrics.EngineMetrics;
import ai.llmd.epp.simulator.metrics.ServerMeters;
import ai.llmd.epp.simulator.openai.RequestReader;
import ai.llmd.epp.simulator.settings.KvEventSettings;
import ai.llmd.epp.simulator.settings.KvTransfer;
import ai.llmd.epp.simulator.settings.ModelServerSettings;
import ai.llmd.epp.simulator.settings.Tuning;
import ai.llmd.epp.simulator.text.Babbler;
import ai.llmd.epp.simulator.transfer.BlockTransfers;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The parts of one simulated server, put together. Event loop only. */
final class ModelServer {

  private final LatencyModel latencies;
  private final EngineMetrics metrics;
  private final Completions completions;
  private final Utilities utilities;
  private final Admin admin;
  private final ModelRegistry models;
  private final long readyNanos;
  private final @Nullable BlockTransfers transfers;
  private final @Nullable KvEvents kvEvents;
  private Tuning tuning;

  /**
   * @throws IOException if its events cannot be published where they are to be
   */
  ModelServer(ModelServerSettings settings, EventLoop loop) throws IOException {
    SplittableRandom random = new SplittableRandom(settings.seed());
    Stats stats = new Stats();
    this.readyNanos = System.nanoTime() + settings.startup().toNanos();
    this.tuning = settings.tuning();
    this.models =
        new ModelRegistry(
            settings.modelNames(), settings.adapters(), settings.maxModelTokens(), unixSeconds());
    this.latencies =
        new LatencyModel(tuning.latencies(), settings.capacity().maxRunning(), random.split());
    ServerMeters meters = new ServerMeters(settings.maxModelTokens());
    LoopTimeline timeline = new LoopTimeline(loop);
    KvEventSettings published = settings.kvEvents();
    this.kvEvents =
        published == null
            ? null
            : new KvEvents(
                published,
                models.baseName(),
                settings.capacity().blockTokens(),
                settings.index(),
                timeline,
                new SplittableRandom(settings.seed()));
    Engine engine =
        new Engine(
            settings.capacity(),
            latencies,
            settings.batchCosts(),
            timeline,
            meters,
            kvEvents == null ? CacheObserver.NONE : kvEvents);
    this.metrics =
        new EngineMetrics(
            models.baseName(), settings.capacity(), engine, meters, ModelServer::unixSeconds);
    KvTransfer transfer = settings.transfer();
    this.transfers =
        transfer == null
            ? null
            : new BlockTransfers(transfer, settings.capacity().blockTokens(), loop);
    RequestReader reader = new RequestReader(settings.maxBodyBytes());
    this.completions =
        new Completions(
            reader,
            models,
            new Planner(
                models,
                new Babbler(random.split()),
                settings.mode(),
                settings.randomTokens(),
                settings.maxModelTokens()),
            new GenerationCall.Factory(
                engine, models, stats, ModelServer::unixSeconds, random.split()),
            () -> tuning.failures(),
            random.split(),
            stats,
            loop,
            transfers);
    this.utilities = new Utilities(reader, models);
    this.admin = new Admin(() -> tuning, this::use, engine, meters, stats, transfers);
  }

  Completions completions() {
    return completions;
  }

  Utilities utilities() {
    return utilities;
  }

  Admin admin() {
    return admin;
  }

  ModelRegistry models() {
    return models;
  }

  /** Of KV blocks; null when they are not simulated. */
  @Nullable BlockTransfers transfers() {
    return transfers;
  }

  /** What it publishes of its prefix cache; null for nothing. */
  @Nullable KvEvents kvEvents() {
    return kvEvents;
  }

  byte[] metrics() {
    return metrics.write(tuning.fakeMetrics());
  }

  boolean isReady() {
    return System.nanoTime() - readyNanos >= 0;
  }

  private static long unixSeconds() {
    return System.currentTimeMillis() / 1000;
  }

  private void use(Tuning tuning) {
    this.tuning = tuning;
    latencies.use(tuning.latencies());
  }
}
