package ai.llmd.epp.adapter.extproc.transport;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.server.BytesMarshaller;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.channel.Channel;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sends every message back, and counts what begins and what ends. */
final class EchoHost implements Host {

  static final String PATH = "/echo.Echo/Call";

  static final TransportRules RULES =
      new TransportRules(
          1 << 16,
          1 << 16,
          3 << 16,
          3,
          5,
          Duration.ofSeconds(10),
          Duration.ofMillis(500),
          Duration.ofSeconds(60),
          Duration.ofSeconds(20));

  /** How many messages a call asks for when it begins, and behind each one. */
  int asked = 1;

  int begun;
  int halfClosed;
  int cancelled;
  int completed;
  int tracersBegun;
  int tracersEnded;
  int connections;
  int failures;
  int shortages;
  private final BufferedBytes room;
  Status end = Status.OK;

  private final List<WeakReference<ServerCall<?, ?>>> calls = new ArrayList<>();

  EchoHost(long roomBytes) {
    this.room = new BufferedBytes(roomBytes);
  }

  /** Calls that somebody still knows. */
  long callsInMemory() {
    return calls.stream().filter(call -> call.get() != null).count();
  }

  private final Methods methods = new Methods(services());

  /** What is served. */
  List<ServerServiceDefinition> services() {
    return List.of(
        ServerServiceDefinition.builder("echo.Echo")
            .addMethod(
                MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodType.BIDI_STREAMING)
                    .setFullMethodName("echo.Echo/Call")
                    .setRequestMarshaller(new BytesMarshaller())
                    .setResponseMarshaller(new BytesMarshaller())
                    .build(),
                (call, headers) -> new Echo(call))
            .build());
  }

  private final class Echo extends ServerCall.Listener<byte[]> {

    private final ServerCall<byte[], byte[]> call;
    private boolean hasHeaders;

    Echo(ServerCall<byte[], byte[]> call) {
      this.call = call;
      calls.add(new WeakReference<>(call));
      begun++;
      call.request(asked);
    }

    @Override
    public void onMessage(byte[] message) {
      if (!hasHeaders) {
        hasHeaders = true;
        call.sendHeaders(new Metadata());
      }
      call.sendMessage(message);
      call.request(asked);
    }

    @Override
    public void onHalfClose() {
      halfClosed++;
      call.close(end, new Metadata());
    }

    @Override
    public void onCancel() {
      cancelled++;
    }

    @Override
    public void onComplete() {
      completed++;
    }
  }

  @Override
  public TransportRules rules() {
    return RULES;
  }

  @Override
  public Methods methods() {
    return methods;
  }

  @Override
  public ServerStreamTracer.Factory tracer() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        tracersBegun++;
        return new ServerStreamTracer() {
          @Override
          public void streamClosed(Status status) {
            tracersEnded++;
          }
        };
      }
    };
  }

  @Override
  public BufferedBytes room() {
    return room;
  }

  @Override
  public void makeRoom() {
    shortages++;
  }

  @Override
  public Attributes began(Connection connection, Channel channel) {
    connections++;
    return Attributes.EMPTY;
  }

  @Override
  public void ended(Connection connection, Attributes known) {
    connections--;
  }

  @Override
  public void failed(Throwable cause) {
    failures++;
  }
}
