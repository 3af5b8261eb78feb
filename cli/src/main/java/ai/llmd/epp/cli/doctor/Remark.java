package ai.llmd.epp.cli.doctor;

/**
 * Something that is legal and unwise.
 *
 * @param where in the flags or the configuration
 * @param what is found there
 * @param why that is unwise, and what to do instead
 * @param page of the documentation, from the checkout's root
 */
public record Remark(String where, String what, String why, String page) {}
