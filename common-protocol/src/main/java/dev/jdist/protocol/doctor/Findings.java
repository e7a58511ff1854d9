package dev.jdist.protocol.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jdist.protocol.doctor.Finding.Grade;
import dev.jdist.protocol.settings.Role;
import java.util.ArrayList;
import java.util.List;

/** What was found on a machine, in the order in which it was looked at. */
public final class Findings {
    private final List<Finding> all = new ArrayList<>();

    public void ok(String check, String what) {
        ok(check, what, "");
    }

    /** What is as good as it can be here, and how it could be better elsewhere. */
    public void ok(String check, String what, String remedy) {
        all.add(new Finding(Grade.OK, check, what, remedy));
    }

    public void warning(String check, String what, String remedy) {
        all.add(new Finding(Grade.WARNING, check, what, remedy));
    }

    public void fault(String check, String what, String remedy) {
        all.add(new Finding(Grade.FAULT, check, what, remedy));
    }

    public List<Finding> all() {
        return List.copyOf(all);
    }

    public boolean hasFault() {
        return count(Grade.FAULT) > 0;
    }

    private long count(Grade grade) {
        return all.stream().filter(finding -> finding.grade() == grade).count();
    }

    /** For a person at a terminal. @param title says what was looked at as what */
    public String toText(String title) {
        int width =
                all.stream().mapToInt(finding -> finding.check().length()).max().orElse(0);
        String line = "%-" + Grade.WARNING.label().length() + "s  %-" + width + "s  %s%n";
        StringBuilder text = new StringBuilder(title).append(System.lineSeparator());
        for (Finding finding : all) {
            text.append(String.format(line, finding.grade().label(), finding.check(), finding.what()));
            if (!finding.remedy().isEmpty()) {
                text.append(String.format(line, "", "", "-> " + finding.remedy()));
            }
        }
        long faults = count(Grade.FAULT);
        long warnings = count(Grade.WARNING);
        return text.append(faults + (faults == 1 ? " fault, " : " faults, "))
                .append(warnings + (warnings == 1 ? " warning" : " warnings"))
                .append(System.lineSeparator())
                .toString();
    }

    /** For scripts. @param file of the settings, or empty */
    public String toJson(Role role, String file) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("role", role.toString()).put("config", file).put("healthy", !hasFault());
        ArrayNode findings = root.putArray("findings");
        for (Finding finding : all) {
            findings.addObject()
                    .put("grade", finding.grade().label())
                    .put("check", finding.check())
                    .put("what", finding.what())
                    .put("remedy", finding.remedy());
        }
        return root.toPrettyString();
    }
}
