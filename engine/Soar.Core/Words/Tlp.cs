namespace Soar;

/// <summary>Traffic Light Protocol 2.0 (FIRST): how far a fact may travel.</summary>
public enum Tlp { Clear, Green, Amber, AmberStrict, Red }

/// <summary>What a playbook is for. The values are CACAO 2.0's playbook types.</summary>
public enum PlaybookType { Notification, Detection, Investigation, Prevention, Mitigation, Remediation, Attack, Engagement }

/// <summary>A judgement about an observable.</summary>
public enum Verdict { Unknown, Benign, Suspicious, Malicious }
