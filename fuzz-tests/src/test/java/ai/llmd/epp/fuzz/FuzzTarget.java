package ai.llmd.epp.fuzz;

import ai.llmd.epp.adapter.extproc.ConversationFuzz;
import ai.llmd.epp.adapter.extproc.transport.TransportFuzz;
import ai.llmd.epp.adapter.latency.PredictionAnswerFuzz;
import ai.llmd.epp.adapter.metrics.scrape.MetricsPageFuzz;
import ai.llmd.epp.adapter.tokenizers.jinja.ChatTemplateFuzz;
import ai.llmd.epp.adapter.tokenizers.local.ChatBodyFuzz;
import ai.llmd.epp.application.precise.CacheImageFuzz;
import ai.llmd.epp.configuration.ConfigurationFuzz;
import ai.llmd.epp.replication.BatchFuzz;
import ai.llmd.epp.sidecar.connector.TransferFuzz;
import ai.llmd.epp.sidecar.edge.HttpEdgeFuzz;
import java.util.List;
import java.util.function.Consumer;

/**
 * Something that reads bytes of others: whatever they are, it must end, without any exception that
 * it does not document, and agree with whatever it is compared with.
 *
 * @param type has a method {@code fuzzerTestOneInput(byte[])}, by which a fuzzer calls it
 * @param run the same method
 * @param seeds well-formed inputs, from which others are made
 */
public record FuzzTarget(Class<?> type, Consumer<byte[]> run, List<byte[]> seeds) {

  /** Every one. */
  public static final List<FuzzTarget> ALL =
      List.of(
          new FuzzTarget(JsonFuzz.class, JsonFuzz::fuzzerTestOneInput, JsonFuzz.seeds()),
          new FuzzTarget(BodyFuzz.class, BodyFuzz::fuzzerTestOneInput, BodyFuzz.seeds()),
          new FuzzTarget(
              EventStreamFuzz.class, EventStreamFuzz::fuzzerTestOneInput, EventStreamFuzz.seeds()),
          new FuzzTarget(
              MetricsPageFuzz.class, MetricsPageFuzz::fuzzerTestOneInput, MetricsPageFuzz.seeds()),
          new FuzzTarget(KvEventFuzz.class, KvEventFuzz::fuzzerTestOneInput, KvEventFuzz.seeds()),
          new FuzzTarget(ZmtpFuzz.class, ZmtpFuzz::fuzzerTestOneInput, ZmtpFuzz.seeds()),
          new FuzzTarget(
              ChatTemplateFuzz.class,
              ChatTemplateFuzz::fuzzerTestOneInput,
              ChatTemplateFuzz.seeds()),
          new FuzzTarget(
              ChatBodyFuzz.class, ChatBodyFuzz::fuzzerTestOneInput, ChatBodyFuzz.seeds()),
          new FuzzTarget(
              AnswerIdFuzz.class, AnswerIdFuzz::fuzzerTestOneInput, AnswerIdFuzz.seeds()),
          new FuzzTarget(
              PredictionAnswerFuzz.class,
              PredictionAnswerFuzz::fuzzerTestOneInput,
              PredictionAnswerFuzz.seeds()),
          new FuzzTarget(MessageFuzz.class, MessageFuzz::fuzzerTestOneInput, MessageFuzz.seeds()),
          new FuzzTarget(
              ConversationFuzz.class,
              ConversationFuzz::fuzzerTestOneInput,
              ConversationFuzz.seeds()),
          new FuzzTarget(
              TransportFuzz.class, TransportFuzz::fuzzerTestOneInput, TransportFuzz.seeds()),
          new FuzzTarget(BatchFuzz.class, BatchFuzz::fuzzerTestOneInput, BatchFuzz.seeds()),
          new FuzzTarget(
              CacheImageFuzz.class, CacheImageFuzz::fuzzerTestOneInput, CacheImageFuzz.seeds()),
          new FuzzTarget(
              ConfigurationFuzz.class,
              ConfigurationFuzz::fuzzerTestOneInput,
              ConfigurationFuzz.seeds()),
          new FuzzTarget(
              HttpEdgeFuzz.class, HttpEdgeFuzz::fuzzerTestOneInput, HttpEdgeFuzz.seeds()),
          new FuzzTarget(
              TransferFuzz.class, TransferFuzz::fuzzerTestOneInput, TransferFuzz.seeds()));

  /** As its findings' folder is called. */
  public String name() {
    return type.getSimpleName();
  }

  @Override
  public String toString() {
    return name();
  }
}
