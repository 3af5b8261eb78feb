package ai.llmd.epp.adapter.files.objects;

import java.util.List;

/**
 * What a file holds.
 *
 * @param objects those of the pool, in the order of the file
 * @param remarks a sentence for each object that is left out or outdated
 */
record ReadObjects<T>(List<T> objects, List<String> remarks) {

  ReadObjects {
    objects = List.copyOf(objects);
    remarks = List.copyOf(remarks);
  }
}
