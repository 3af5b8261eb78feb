package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer;
import ai.llmd.epp.application.port.in.LendParts;
import ai.llmd.epp.application.port.in.PartsLease;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LentPartsTest {

  private final FakeRouting first = new FakeRouting();
  private final FakeRouting second = new FakeRouting();
  private final Switching lender = new Switching(first);
  private final ExtProcServer server = serve(lender);
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("localhost", server.port()).usePlaintext().build();

  /** Lends what is current, and counts. */
  private static final class Switching implements LendParts<ExtProcParts> {

    private final AtomicInteger lent = new AtomicInteger();
    private final AtomicInteger returned = new AtomicInteger();
    private volatile ExtProcParts current;

    Switching(FakeRouting routing) {
      current = TestPicker.parts(routing, new RecordedExchanges());
    }

    void lendFromNowOn(FakeRouting routing) {
      current = TestPicker.parts(routing, new RecordedExchanges());
    }

    @Override
    public ExtProcParts current() {
      return current;
    }

    @Override
    public PartsLease<ExtProcParts> lend() {
      ExtProcParts now = current;
      lent.incrementAndGet();
      return new PartsLease<>() {
        @Override
        public ExtProcParts parts() {
          return now;
        }

        @Override
        public void release() {
          returned.incrementAndGet();
        }
      };
    }
  }

  private static ExtProcServer serve(LendParts<ExtProcParts> lender) {
    try {
      return ExtProcServer.prepare(ExtProcServer.Settings.plaintext(0)).start(lender);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void aStreamKeepsThePartsThatItBeganWith() {
    Dialogue early = Dialogue.open(channel);
    await().until(() -> lender.lent.get() == 1);

    lender.lendFromNowOn(second);
    early.send(requestHeaders(true)).next();
    Dialogue.open(channel).send(requestHeaders(true)).next();

    assertThat(first.routes).hasSize(1);
    assertThat(second.routes).hasSize(1);
  }

  @Test
  void everyStreamGivesItsPartsBackOnceHoweverItEnds() {
    Dialogue complete = Dialogue.open(channel).send(requestHeaders(true));
    complete.next();
    Dialogue cancelled = Dialogue.open(channel).send(requestHeaders(true));
    cancelled.next();
    assertThat(lender.returned).hasValue(0);

    complete.halfClose().end();
    cancelled.cancel();

    await().until(() -> lender.returned.get() == 2);
    server.close();
    assertThat(lender.returned).hasValue(2);
  }
}
