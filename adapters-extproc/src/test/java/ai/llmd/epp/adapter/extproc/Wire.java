package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequestMarshaller;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Takes messages of the generated classes over the wire and back, without a network. */
public final class Wire {

  private Wire() {}

  public static ExtProcRequest read(ProcessingRequest message) {
    return new ExtProcRequestMarshaller().parse(new ByteArrayInputStream(message.toByteArray()));
  }

  public static ProcessingResponse written(ExtProcResponse answer) {
    var bytes = new ByteArrayOutputStream();
    try {
      answer.writeTo(bytes);
      return ProcessingResponse.parseFrom(bytes.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A picker's side as the gateway's messages reach it. */
  public static StreamObserver<ProcessingRequest> to(StreamObserver<ExtProcRequest> picker) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ProcessingRequest message) {
        picker.onNext(read(message));
      }

      @Override
      public void onError(Throwable cause) {
        picker.onError(cause);
      }

      @Override
      public void onCompleted() {
        picker.onCompleted();
      }
    };
  }
}
