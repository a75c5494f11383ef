pritn("typo")
