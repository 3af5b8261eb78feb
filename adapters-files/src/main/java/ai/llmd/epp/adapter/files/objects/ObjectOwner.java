package ai.llmd.epp.adapter.files.objects;

/**
 * The pool whose objects count; others may share the file.
 *
 * @param group API group of the pool
 */
public record ObjectOwner(String pool, String group, String namespace) {}
