package ai.llmd.epp.adapter.extproc.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthServerTest {

  private static final String EXT_PROC = ExternalProcessorGrpc.SERVICE_NAME;

  private static final class Switches implements Readiness {
    volatile boolean synced = true;
    volatile boolean protocolOk = true;
    volatile boolean pluginsReady = true;
    volatile boolean elects;
    volatile boolean leads;
    volatile boolean drains;

    @Override
    public boolean isPoolSynced() {
      return synced;
    }

    @Override
    public boolean isProtocolOk() {
      return protocolOk;
    }

    @Override
    public boolean arePluginsReady() {
      return pluginsReady;
    }

    @Override
    public boolean electsLeader() {
      return elects;
    }

    @Override
    public boolean isLeader() {
      return leads;
    }

    @Override
    public boolean isDraining() {
      return drains;
    }
  }

  private final Switches is = new Switches();
  private HealthServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server = HealthServer.start(0, is);
    channel = NettyChannelBuilder.forAddress("localhost", server.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  private ServingStatus check(String service) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private void assertStatus(ServingStatus status, String... services) {
    for (String service : services) {
      assertThat(check(service)).as("service \"%s\"", service).isEqualTo(status);
    }
  }

  @Test
  void servesUnderAnyNameWithoutElection() {
    assertStatus(
        ServingStatus.SERVING, "", "liveness", "readiness", EXT_PROC, "inference-extension");
  }

  /** For kubelets, which restart what is not alive: a restart brings no pool back. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void isAliveWhateverItWaitsFor(boolean elects) {
    is.elects = elects;
    is.synced = false;
    is.pluginsReady = false;
    is.drains = true;
    assertStatus(ServingStatus.SERVING, "livez");
  }

  @ParameterizedTest
  @CsvSource({"false,true,false", "true,false,false", "true,true,true"})
  void servesUnderNoNameWithoutElection(boolean synced, boolean protocolOk, boolean drains) {
    is.synced = synced;
    is.protocolOk = protocolOk;
    is.drains = drains;
    assertStatus(ServingStatus.NOT_SERVING, "", "liveness", "readiness", EXT_PROC, "any");
  }

  @Test
  void asksPluginsOnlyWhenRequestsAreConcerned() {
    is.pluginsReady = false;
    assertStatus(ServingStatus.NOT_SERVING, "", "readiness", EXT_PROC);
    assertStatus(ServingStatus.SERVING, "liveness");
  }

  @Test
  void servesWhileLeading() {
    is.elects = true;
    is.leads = true;
    assertStatus(ServingStatus.SERVING, "", "readiness", EXT_PROC, "liveness");
    assertStatus(ServingStatus.SERVICE_UNKNOWN, "any");
  }

  @ParameterizedTest
  @CsvSource({
    "false,true,true,true,false",
    "true,false,true,true,false",
    "true,true,false,true,false",
    "true,true,true,false,false",
    "true,true,true,true,true"
  })
  void livesWithoutServing(
      boolean synced, boolean protocolOk, boolean ready, boolean leads, boolean drains) {
    is.elects = true;
    is.synced = synced;
    is.protocolOk = protocolOk;
    is.pluginsReady = ready;
    is.leads = leads;
    is.drains = drains;
    assertStatus(ServingStatus.NOT_SERVING, "", "readiness", EXT_PROC);
    assertStatus(ServingStatus.SERVING, "liveness");
  }

  @Test
  void refusesToBeWatched() {
    var watch = HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
    assertThatThrownBy(watch::hasNext)
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNIMPLEMENTED: Watch is not implemented");
  }

  @ParameterizedTest
  @CsvSource({"false,1", "true,3"})
  void listsItsServices(boolean elects, int services) {
    is.elects = elects;
    is.leads = true;
    MethodDescriptor<Empty, Empty> list =
        MethodDescriptor.<Empty, Empty>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/List")
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .build();
    Empty answer =
        ClientCalls.blockingUnaryCall(
            channel, list, CallOptions.DEFAULT, Empty.getDefaultInstance());

    var statuses = answer.getUnknownFields().getField(1).getLengthDelimitedList();
    assertThat(statuses).hasSize(services);
    // key (field 1) and value (field 2): a response whose status (field 1) is SERVING
    assertThat(statuses.getFirst().toByteArray())
        .startsWith(new byte[] {0x0a, (byte) EXT_PROC.length()})
        .endsWith(new byte[] {0x12, 2, 0x08, ServingStatus.SERVING_VALUE});
  }
}
