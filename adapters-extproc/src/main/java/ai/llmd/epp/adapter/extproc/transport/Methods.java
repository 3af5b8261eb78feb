package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods that are served, by path. Immutable. */
final class Methods {

  private final Map<String, ServerMethodDefinition<?, ?>> byPath = new HashMap<>();

  Methods(List<ServerServiceDefinition> services) {
    for (ServerServiceDefinition service : services) {
      service
          .getMethods()
          .forEach(
              method -> byPath.put("/" + method.getMethodDescriptor().getFullMethodName(), method));
    }
  }

  @Nullable ServerMethodDefinition<?, ?> at(String path) {
    return byPath.get(path);
  }
}
