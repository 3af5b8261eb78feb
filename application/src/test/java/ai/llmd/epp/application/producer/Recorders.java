package ai.llmd.epp.application.producer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.in.IndexWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for what a recorder does on a thread of its own. */
final class Recorders {

  private Recorders() {}

  /** Returns when everything that was handed over before is done. */
  static void drain(IndexWriter recorder) throws InterruptedException {
    var reached = new CountDownLatch(1);
    recorder.run(reached::countDown);
    assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
