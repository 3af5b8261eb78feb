package ai.llmd.epp.adapter.extproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer;
import ai.llmd.epp.adapter.extproc.server.Transport;
import ai.llmd.epp.application.port.in.LendParts;
import ai.llmd.epp.application.port.out.RequestTracer;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A real server around a use case of fakes, and a connection to it. */
public final class TestPicker implements AutoCloseable {

  /** Of the tests that are run by each transport. */
  public static final Transport TRANSPORT =
      Transport.valueOf(System.getProperty("extproc.transport", Transport.LEAN.name()));

  public final FakeRouting routing = new FakeRouting();
  public final RecordedExchanges exchanges = new RecordedExchanges();
  public final ExtProcServer server;
  public final ManagedChannel channel;

  private TestPicker(ExtProcServer.Settings settings, UnaryOperator<ExtProcParts> change) {
    try {
      server =
          ExtProcServer.prepare(settings.by(TRANSPORT))
              .start(LendParts.of(change.apply(parts(routing, exchanges))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = NettyChannelBuilder.forAddress("localhost", server.port()).usePlaintext().build();
  }

  public static ExtProcParts parts(FakeRouting routing, RecordedExchanges exchanges) {
    return new ExtProcParts(
        routing,
        routing,
        exchanges,
        RequestTracer.OFF,
        FakeParser.ALL,
        FakeParser::renaming,
        new RequestIds(() -> new Random(7)),
        System::nanoTime,
        StreamLimits.DEFAULT,
        false,
        false,
        false);
  }

  public static TestPicker start() {
    return start(parts -> parts);
  }

  public static TestPicker start(UnaryOperator<ExtProcParts> change) {
    return new TestPicker(ExtProcServer.Settings.plaintext(0), change);
  }

  public static TestPicker start(ExtProcServer.Settings settings) {
    return new TestPicker(settings, parts -> parts);
  }

  public static TestPicker start(
      ExtProcServer.Settings settings, UnaryOperator<ExtProcParts> change) {
    return new TestPicker(settings, change);
  }

  public static UnaryOperator<ExtProcParts> withLimits(StreamLimits limits) {
    return p ->
        new ExtProcParts(
            p.router(),
            p.follower(),
            p.observer(),
            p.tracer(),
            p.parsers(),
            p.modelNames(),
            p.requestIds(),
            p.nanoClock(),
            limits,
            p.emitsScores(),
            p.ignoresSubsets(),
            p.propagatesPriority());
  }

  public static UnaryOperator<ExtProcParts> withParsers(ParserLookup parsers) {
    return p -> changed(p, parsers, p.emitsScores(), p.ignoresSubsets(), p.propagatesPriority());
  }

  public static UnaryOperator<ExtProcParts> with(boolean emitsScores, boolean ignoresSubsets) {
    return p -> changed(p, p.parsers(), emitsScores, ignoresSubsets, p.propagatesPriority());
  }

  public static UnaryOperator<ExtProcParts> propagatingPriority() {
    return p -> changed(p, p.parsers(), p.emitsScores(), p.ignoresSubsets(), true);
  }

  private static ExtProcParts changed(
      ExtProcParts p,
      ParserLookup parsers,
      boolean emitsScores,
      boolean ignoresSubsets,
      boolean propagatesPriority) {
    return new ExtProcParts(
        p.router(),
        p.follower(),
        p.observer(),
        p.tracer(),
        parsers,
        p.modelNames(),
        p.requestIds(),
        p.nanoClock(),
        p.limits(),
        emitsScores,
        ignoresSubsets,
        propagatesPriority);
  }

  /** Waits until it has no stream and counts no byte. */
  public void assertNothingIsHeld() {
    await()
        .untilAsserted(
            () -> {
              assertThat(server.openStreams()).isZero();
              assertThat(server.bufferedBytes()).isZero();
              assertThat(server.networkBytes()).isZero();
            });
  }

  public Dialogue open() {
    return Dialogue.open(channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.close();
  }
}
