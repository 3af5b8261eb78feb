package ai.llmd.epp.acceptance.deploy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a strict API server refuses: fields that a kind does not have. The client's classes keep
 * them aside. Kinds that it has no class for are taken as they are.
 */
final class UnknownFields {

  private static final String API = "io.fabric8.kubernetes.api.model";

  private final List<String> found = new ArrayList<>();

  private UnknownFields() {}

  /** The paths of all that an object has too much. */
  static List<String> of(HasMetadata object) {
    UnknownFields fields = new UnknownFields();
    if (!(object instanceof GenericKubernetesResource)) {
      fields.visit(object.getKind() + "/" + object.getMetadata().getName(), object);
    }
    return fields.found;
  }

  private void visit(String path, Object value) {
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        visit(path + "[" + i + "]", list.get(i));
      }
    } else if (value.getClass().getName().startsWith(API) && !value.getClass().isEnum()) {
      visitParts(path, value);
    }
  }

  private void visitParts(String path, Object value) {
    for (Method method : value.getClass().getMethods()) {
      String name = method.getName();
      if (name.startsWith("get")
          && method.getParameterCount() == 0
          && !method.isBridge()
          && method.getDeclaringClass() == value.getClass()) {
        Object part = call(method, value);
        if (name.equals("getAdditionalProperties")) {
          ((Map<?, ?>) part).keySet().forEach(key -> found.add(path + "." + key));
        } else if (part != null) {
          visit(path + "." + name.substring("get".length()), part);
        }
      }
    }
  }

  private static Object call(Method method, Object value) {
    try {
      return method.invoke(value);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(method.toString(), e);
    }
  }
}
