package ai.llmd.epp.adapter.extproc.server;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;

/** Sends messages of any bytes on a stream. */
final class RawCall {

  private static final MethodDescriptor<byte[], byte[]> PROCESS =
      ExternalProcessorGrpc.getProcessMethod().toBuilder(
              new BytesMarshaller(), new BytesMarshaller())
          .build();

  private RawCall() {}

  /** Sends all messages at once and half closes; returns how the stream ends. */
  static CompletableFuture<Status> send(Channel channel, CallOptions options, byte[]... messages) {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(PROCESS, options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] answer) {
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(messages.length);
    for (byte[] message : messages) {
      call.sendMessage(message);
    }
    call.halfClose();
    return end;
  }
}
