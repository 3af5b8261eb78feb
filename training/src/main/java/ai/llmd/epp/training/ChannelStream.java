package ai.llmd.epp.training;

import ai.llmd.epp.adapter.extproc.rehearsal.GatewayStream;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A stream by gRPC's own client. One thread. */
final class ChannelStream extends ClientCall.Listener<byte[]> implements GatewayStream {

  private static final int POLL_MILLIS = 50;

  private static final MethodDescriptor<byte[], byte[]> PROCESS =
      ExternalProcessorGrpc.getProcessMethod().toBuilder(new Bytes(), new Bytes()).build();

  /** Messages are encoded already. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final ClientCall<byte[], byte[]> call;
  private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  private ChannelStream(ClientCall<byte[], byte[]> call) {
    this.call = call;
  }

  static ChannelStream open(Channel picker) {
    var stream = new ChannelStream(picker.newCall(PROCESS, CallOptions.DEFAULT));
    stream.call.start(stream, new Metadata());
    stream.call.request(1);
    return stream;
  }

  @Override
  public void onMessage(byte[] answer) {
    answers.add(answer);
    call.request(1);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    end.complete(status);
  }

  @Override
  public void send(byte[] message) {
    call.sendMessage(message);
  }

  @Override
  public byte[] next() {
    for (int i = 0; i < TIMEOUT_SECONDS * 1_000 / POLL_MILLIS; i++) {
      boolean hasEnded = end.isDone(); // read first: all answers come before the end
      byte[] answer = poll();
      if (answer != null) {
        return answer;
      }
      if (hasEnded) {
        throw new IllegalStateException("the stream ended instead of answering: " + end.join());
      }
    }
    throw new IllegalStateException("no answer within " + TIMEOUT_SECONDS + " s");
  }

  private byte @Nullable [] poll() {
    try {
      return answers.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void halfClose() {
    call.halfClose();
  }

  @Override
  public void cancel() {
    call.cancel("the client went away", null);
  }

  @Override
  public void awaitEnd() {
    end.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
  }
}
